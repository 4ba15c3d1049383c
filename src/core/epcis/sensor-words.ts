/**
 * The bare words of sensor data: types of measurement and of alerts (GS1 Web Vocabulary), components of what is measured
 * (CBV 2.0 §7.7). Others are URIs.
 */
const listed = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** What the words are in full begins so: those of the GS1 Web Vocabulary, and components. */
export const gs1Home = 'https://gs1.org/voc/';
export const componentHome = 'https://ref.gs1.org/cbv/Comp-';

export const sensorWords = {
  type: listed(`
    AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
    Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
    ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
    Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
    LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate
    MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux
    RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed
    SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction
    VolumetricFlux Wavenumber`),
  exception: listed('ALARM_CONDITION ERROR_CONDITION'),
  component: listed(`
    x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude
    longitude altitude`),
} as const;
